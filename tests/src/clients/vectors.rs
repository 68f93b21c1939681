//! A thousand vectors, the same every time, and questions whose answers are computed by looking at every one.

/// How many there are.
pub const COUNT: usize = 1000;

/// How long each is.
pub const DIMENSIONS: usize = 16;

/// A point in space.
pub type Vector = [f32; DIMENSIONS];

/// All vectors; the number of each is its place.
pub fn all() -> Vec<Vector> {
    let mut state = 0x2545_f491_u32;
    // Xorshift (Marsaglia 2003): good enough to spread points, and no dependency.
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        f32::from(u16::try_from(state >> 16).unwrap()) / 32_768.0 - 1.0
    };
    (0..COUNT).map(|_| std::array::from_fn(|_| next())).collect()
}

/// Points beside some of the vectors, each with the number of its nearest neighbour.
///
/// Beside, and not anywhere: the engines' indexes are approximate, and may miss the nearest of many that are equally far.
pub fn questions() -> Vec<(Vector, usize)> {
    let vectors = all();
    let beside = |number: usize| vectors[number].map(|coordinate| coordinate + 0.01);
    [0, 417, 999].into_iter().map(beside).map(|point| (point, nearest(&vectors, &point))).collect()
}

fn nearest(vectors: &[Vector], point: &Vector) -> usize {
    let distance = |vector: &Vector| vector.iter().zip(point).map(|(one, other)| (one - other).powi(2)).sum::<f32>();
    (0..vectors.len()).min_by(|left, right| distance(&vectors[*left]).total_cmp(&distance(&vectors[*right]))).unwrap()
}

/// As JSON, GraphQL and pgvector all write one.
pub fn text(vector: &Vector) -> String {
    format!("{vector:?}").replace(' ', "")
}
