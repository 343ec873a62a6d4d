//! Pictures at another size.
//!
//! Owns the filter. Never asks what is in the picture.

use crate::picture::Grey;

/// The picture at another size, values from -1 (black) to 1 (white): what a network wants.
pub fn sampled(from: &Grey, width: usize, height: usize) -> Vec<f32> {
    let mut values = filtered(from, width, height);
    values.iter_mut().for_each(|value| *value = *value / 127.5 - 1.0);
    values
}

/// The picture at another size.
pub fn resized(from: Grey, width: usize, height: usize) -> Grey {
    if (from.width, from.height) == (width, height) {
        return from;
    }
    let pixels = filtered(&from, width, height).into_iter().map(|value| nearest(value).clamp(0, 255) as u8).collect();
    Grey { width, height, pixels }
}

/// The picture out of focus: each pixel becomes the mean of those about it, weighted by a bell of this radius.
pub fn softened(from: &Grey, radius: f32) -> Grey {
    let reach = (3.0 * radius).ceil() as usize;
    let bell: Vec<f32> = (0..=2 * reach).map(|n| (-((n as f32 - reach as f32) / radius).powi(2) / 2.0).exp()).collect();
    let sum: f32 = bell.iter().sum();
    let weights: Vec<u32> = bell.iter().map(|w| (w / sum * 65536.0).round() as u32).collect();
    let total: u32 = weights.iter().sum();
    let (width, height) = (from.width, from.height);
    let mut wide = vec![0u8; from.pixels.len()];
    for (line, out) in from.pixels.chunks_exact(width.max(1)).zip(wide.chunks_exact_mut(width.max(1))) {
        for (x, pixel) in out.iter_mut().enumerate() {
            let near = weights.iter().enumerate().map(|(n, w)| w * u32::from(line[(x + n).saturating_sub(reach).min(width - 1)]));
            *pixel = ((near.sum::<u32>() + total / 2) / total) as u8;
        }
    }
    let mut pixels = Vec::with_capacity(wide.len());
    let mut sums = vec![0u32; width];
    for y in 0..height {
        sums.fill(total / 2);
        for (n, w) in weights.iter().enumerate() {
            let row = (y + n).saturating_sub(reach).min(height - 1) * width;
            sums.iter_mut().zip(&wide[row..row + width]).for_each(|(sum, p)| *sum += w * u32::from(*p));
        }
        pixels.extend(sums.iter().map(|sum| (sum / total) as u8));
    }
    Grey { width, height, pixels }
}

/// `f32::round` for what fits an `i32`: half away from zero, but without a call for each pixel.
pub fn nearest(value: f32) -> i32 {
    let whole = value as i32;
    let rest = value - whole as f32;
    whole + i32::from(rest >= 0.5) - i32::from(rest <= -0.5)
}

/// Averages where it shrinks, interpolates where it grows.
fn filtered(from: &Grey, width: usize, height: usize) -> Vec<f32> {
    let columns = taps(from.width, width);
    let rows = taps(from.height, height);
    let mut narrow = vec![0.0f32; width * from.height];
    for y in 0..from.height {
        let line = &from.pixels[y * from.width..(y + 1) * from.width];
        for (x, tap) in columns.iter().enumerate() {
            narrow[y * width + x] = tap.weights.iter().zip(&line[tap.first..]).map(|(w, p)| w * f32::from(*p)).sum();
        }
    }
    let mut out = vec![0.0f32; width * height];
    for (y, tap) in rows.iter().enumerate() {
        let target = &mut out[y * width..(y + 1) * width];
        for (k, weight) in tap.weights.iter().enumerate() {
            let line = &narrow[(tap.first + k) * width..(tap.first + k + 1) * width];
            target.iter_mut().zip(line).for_each(|(t, p)| *t += weight * p);
        }
    }
    out
}

/// Which pixels of the source make one of the target.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

/// A triangle filter, as wide as the step where the picture shrinks.
fn taps(from: usize, to: usize) -> Vec<Tap> {
    let step = from as f32 / to.max(1) as f32;
    let reach = step.max(1.0);
    (0..to)
        .map(|n| {
            let centre = (n as f32 + 0.5) * step - 0.5;
            let first = ((centre - reach).ceil().max(0.0) as usize).min(from.saturating_sub(1));
            let last = ((centre + reach).floor().max(0.0) as usize).min(from.saturating_sub(1));
            let mut weights: Vec<f32> = (first..=last).map(|x| (1.0 - (x as f32 - centre).abs() / reach).max(0.0)).collect();
            let sum: f32 = weights.iter().sum();
            if sum > 0.0 {
                weights.iter_mut().for_each(|w| *w /= sum);
            } else {
                weights.iter_mut().for_each(|w| *w = 1.0 / (last - first + 1) as f32);
            }
            Tap { first, weights }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_number_is_what_rounding_says() {
        let edges = [0.0, 0.5, 1.5, 2.5, 0.499_999_97, 0.500_000_06, 8_388_607.5, 8_388_608.0, 123_456_789.0];
        let between = (-40_000..40_000).map(|n| n as f32 / 7.3);
        for value in edges.into_iter().flat_map(|edge| [edge, -edge]).chain(between) {
            assert_eq!(nearest(value), value.round() as i32, "{value}");
        }
    }

    #[test]
    fn an_even_picture_stays_even_at_any_size() {
        let grey = Grey { width: 7, height: 5, pixels: vec![255; 35] };
        for (w, h) in [(1, 1), (3, 2), (7, 5), (20, 30)] {
            assert!(sampled(&grey, w, h).iter().all(|v| (v - 1.0).abs() < 1e-4), "{w} by {h}");
        }
    }
}
