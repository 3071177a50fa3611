//! Pictures drawn by code: the same id always gives the same bytes, on every machine (integers only).

use flate2::{Compression, Crc, write::ZlibEncoder};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;

/// Width and height of every picture, in pixels.
pub const SIZE: (u32, u32) = (480, 270);

/// Draws the picture that an id names: a sky, a sun or moon, and three ranges of hills. About 10 kB of PNG.
pub fn draw(id: &str) -> Vec<u8> {
    let scene = Scene::of(id);
    let (width, height) = SIZE;
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            pixels.extend_from_slice(&scene.colour(x as i32, y as i32));
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
        for range in 0..3 {
            if y > self.ridge(range, x) {
                return self.hill(range, y);
            }
        }
        let (sun_x, sun_y, radius) = (self.pick(0, 80, 400), self.pick(1, 40, 110), self.pick(2, 18, 44));
        if (x - sun_x).pow(2) + (y - sun_y).pow(2) <= radius.pow(2) {
            return [250, 240, 205];
        }
        let (top, bottom) = (self.sky(3), self.sky(6));
        mix(top, bottom, y, SIZE.1 as i32)
    }

    fn sky(&self, at: usize) -> [u8; 3] {
        [self.pick(at, 70, 225) as u8, self.pick(at + 1, 90, 215) as u8, self.pick(at + 2, 130, 240) as u8]
    }

    /// How high the hills of a range stand at `x`: two waves of different length, nearer ranges lower.
    fn ridge(&self, range: usize, x: i32) -> i32 {
        let at = 9 + range * 5;
        let long = wave(x + self.pick(at, 0, 480), self.pick(at + 1, 160, 420)) * self.pick(at + 2, 14, 46) / 256;
        let short = wave(x + self.pick(at + 3, 0, 90), self.pick(at + 4, 37, 90)) * 9 / 256;
        // The nearest range is drawn first, so it is the lowest one.
        225 - range as i32 * 38 - long - short
    }

    fn hill(&self, range: usize, y: i32) -> [u8; 3] {
        let far = 40 * range as i32;
        let base = [self.pick(24, 20, 70) + far, self.pick(25, 50, 100) + far, self.pick(26, 40, 90) + far];
        base.map(|part| (part + (SIZE.1 as i32 - y) / 6).clamp(0, 255) as u8)
    }
}

/// A parabola up and a parabola down, between -256 and 256: a sine that is the same on every machine.
fn wave(x: i32, length: i32) -> i32 {
    let half = length / 2;
    let (at, up) = (x.rem_euclid(length), x.rem_euclid(length) < half);
    let at = at % half;
    let height = 1024 * at * (half - at) / (half * half);
    if up { height } else { -height }
}

fn mix(from: [u8; 3], to: [u8; 3], at: i32, of: i32) -> [u8; 3] {
    let part = |index: usize| (i32::from(from[index]) * (of - at) + i32::from(to[index]) * at) / of;
    [part(0) as u8, part(1) as u8, part(2) as u8]
}

/// Encodes pixels as PNG (RFC 2083): 8-bit RGB, one filter (each byte against the pixel before) for every row.
fn png(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in pixels.chunks(width as usize * 3) {
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
