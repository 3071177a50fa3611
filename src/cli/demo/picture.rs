//! Pictures drawn by code: the same id always gives the same bytes, on every machine (integers only).

use flate2::{Compression, Crc, write::ZlibEncoder};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;

/// Width and height of every picture, in pixels.
pub const SIZE: (u16, u16) = (480, 270);
const HEIGHT: i32 = SIZE.1 as i32;

/// Draws the picture that an id names: a sky, a sun or moon, and three ranges of hills. About 4 kB of PNG.
pub fn draw(id: &str) -> Vec<u8> {
    let scene = Scene::of(id);
    let (width, height) = SIZE;
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    for y in 0..i32::from(height) {
        for x in 0..i32::from(width) {
            pixels.extend_from_slice(&scene.colour(x, y));
        }
    }
    png(width, height, &pixels)
}

/// What an id decides: every byte of its digest is one choice.
struct Scene {
    dice: [u8; 32],
}

impl Scene {
    fn of(id: &str) -> Self {
        Self { dice: Sha256::digest(id.as_bytes()).into() }
    }

    /// A number in `low..high`, decided by one byte.
    fn pick(&self, at: usize, low: i32, high: i32) -> i32 {
        low + i32::from(self.dice[at % self.dice.len()]) * (high - low) / 256
    }

    fn colour(&self, x: i32, y: i32) -> [u8; 3] {
        // The nearest range stands lowest and is in front of the others.
        for (range, dice) in [(0, 9), (1, 14), (2, 19)] {
            if y > self.ridge(range, dice, x) {
                return self.hill(range, y);
            }
        }
        let (sun_x, sun_y, radius) = (self.pick(0, 80, 400), self.pick(1, 40, 110), self.pick(2, 18, 44));
        if (x - sun_x).pow(2) + (y - sun_y).pow(2) <= radius.pow(2) {
            return [250, 240, 205];
        }
        let (top, bottom) = (self.sky(3), self.sky(6));
        std::array::from_fn(|part| byte((top[part] * (HEIGHT - y) + bottom[part] * y) / HEIGHT))
    }

    fn sky(&self, at: usize) -> [i32; 3] {
        [self.pick(at, 70, 225), self.pick(at + 1, 90, 215), self.pick(at + 2, 130, 240)]
    }

    /// How high the hills of a range stand at `x`: a long wave and a short one.
    fn ridge(&self, range: i32, dice: usize, x: i32) -> i32 {
        let pick = |at: usize, low, high| self.pick(dice + at, low, high);
        let long = wave(x + pick(0, 0, 480), pick(1, 160, 420)) * pick(2, 14, 46) / 256;
        let short = wave(x + pick(3, 0, 90), pick(4, 37, 90)) * 9 / 256;
        225 - range * 38 - long - short
    }

    fn hill(&self, range: i32, y: i32) -> [u8; 3] {
        let base = [self.pick(24, 20, 70), self.pick(25, 50, 100), self.pick(26, 40, 90)];
        base.map(|part| byte(part + 40 * range + (HEIGHT - y) / 6))
    }
}

fn byte(part: i32) -> u8 {
    u8::try_from(part.clamp(0, 255)).unwrap_or(u8::MAX)
}

/// A parabola up and a parabola down, between -256 and 256: a sine that is the same on every machine.
fn wave(x: i32, length: i32) -> i32 {
    let half = length / 2;
    let (at, up) = (x.rem_euclid(length), x.rem_euclid(length) < half);
    let at = at % half;
    let height = 1024 * at * (half - at) / (half * half);
    if up { height } else { -height }
}

/// Encodes pixels as PNG (RFC 2083): 8-bit RGB, one filter (each byte against the pixel before) for every row.
fn png(width: u16, height: u16, pixels: &[u8]) -> Vec<u8> {
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&u32::from(width).to_be_bytes());
    header.extend_from_slice(&u32::from(height).to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in pixels.chunks(usize::from(width) * 3) {
        let mut filtered = vec![1];
        filtered.extend((0..row.len()).map(|at| row[at].wrapping_sub(if at < 3 { 0 } else { row[at - 3] })));
        rows.write_all(&filtered).expect("writing to a Vec does not fail");
    }
    let rows = rows.finish().expect("writing to a Vec does not fail");
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", &header), (b"IDAT", &rows), (b"IEND", &Vec::new())] {
        chunk(&mut file, *kind, data);
    }
    file
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    file.extend_from_slice(&(data.len() as u32).to_be_bytes());
    file.extend_from_slice(&kind);
    file.extend_from_slice(data);
    file.extend_from_slice(&crc.sum().to_be_bytes());
}
