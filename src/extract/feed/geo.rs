//! Where something is: GeoRSS, GML and the older `geo:lat`, as GeoJSON's types with longitude first.

use serde_json::{Map, Value, json};

/// The most numbers of a shape that are kept (judgement: a track of some thousand points).
const MOST_NUMBERS: usize = 10_000;

/// The shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Point,
    Line,
    Polygon,
    Box,
}

/// A shape from its numbers; `{}` where they make none. `swapped` is whether latitude comes first, as it usually does.
pub(super) fn shape(shape: Shape, text: &str, swapped: bool, dimensions: usize) -> Value {
    let words = text.split(|letter: char| letter.is_whitespace() || letter == ',').filter(|word| !word.is_empty());
    let numbers: Option<Vec<f64>> =
        words.take(MOST_NUMBERS).map(|word| word.parse().ok().filter(|x: &f64| x.is_finite())).collect();
    let points: Vec<Vec<f64>> = numbers
        .unwrap_or_default()
        .chunks_exact(dimensions.clamp(2, 3))
        .map(|point| {
            let mut point = point.to_vec();
            if swapped {
                point.swap(0, 1);
            }
            point
        })
        .collect();
    let made = |kind: &str, coordinates: Value| json!({ "type": kind, "coordinates": coordinates });
    match (shape, points.len()) {
        (Shape::Point, 1..) => made("Point", json!(points[0])),
        (Shape::Line, 1..) => made("LineString", json!(points)),
        // A ring ends where it began.
        (Shape::Polygon, 4..) => made("Polygon", json!([points])),
        (Shape::Box, 2..) => made("Box", json!(points[..2])),
        _ => Value::Object(Map::new()),
    }
}
