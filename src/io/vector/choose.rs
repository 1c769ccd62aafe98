//! Which of a file's layers is meant.

use std::path::Path;

use super::VectorError;

/// What a layer's head says about its geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeadKind {
    /// Polygons.
    Polygon,
    /// Anything may come.
    Any,
    /// Points, lines or no geometry.
    Other,
}

/// A layer's head.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// Its name.
    pub(super) name: String,
    /// Its geometry.
    pub(super) kind: HeadKind,
}

/// The layer that is named, else the only one that can hold zones.
///
/// # Errors
/// When the named one is missing, when several fit, or when there is none.
pub(super) fn choose(path: &Path, heads: &[Head], wanted: Option<&str>) -> Result<usize, VectorError> {
    let names = || heads.iter().map(|head| head.name.clone()).collect::<Vec<_>>();
    if let Some(wanted) = wanted {
        let exact = heads.iter().position(|head| head.name == wanted);
        let found = exact.or_else(|| heads.iter().position(|head| head.name.to_lowercase() == wanted.to_lowercase()));
        let missing = || VectorError::NoLayer { path: path.to_path_buf(), layer: wanted.to_owned(), layers: names() };
        return found.ok_or_else(missing);
    }
    let of_kind = |kind: HeadKind| heads.iter().enumerate().filter(move |(_, h)| h.kind == kind).map(|(i, _)| i);
    let (polygons, any): (Vec<_>, Vec<_>) = (of_kind(HeadKind::Polygon).collect(), of_kind(HeadKind::Any).collect());
    match (polygons.as_slice(), any.as_slice(), heads) {
        ([only], _, _) | ([], [only], _) => Ok(*only),
        ([], [], []) => Err(VectorError::NoFeatures { path: path.to_path_buf(), layer: String::new() }),
        ([], [], _) => Ok(0),
        _ => Err(VectorError::ManyLayers { path: path.to_path_buf(), layers: names() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(list: &[(&str, HeadKind)]) -> Vec<Head> {
        list.iter().map(|&(name, kind)| Head { name: name.into(), kind }).collect()
    }

    #[test]
    fn the_only_polygon_layer_is_taken() {
        let layers = heads(&[("points", HeadKind::Other), ("zones", HeadKind::Polygon), ("mixed", HeadKind::Any)]);
        assert_eq!(choose(Path::new("a"), &layers, None).unwrap(), 1);
    }

    #[test]
    fn several_polygon_layers_are_listed_not_guessed() {
        let layers = heads(&[("a", HeadKind::Polygon), ("b", HeadKind::Polygon)]);
        let error = choose(Path::new("x"), &layers, None).unwrap_err();
        assert!(matches!(error, VectorError::ManyLayers { layers, .. } if layers == ["a", "b"]));
        assert_eq!(choose(Path::new("x"), &layers, Some("B")).unwrap(), 1);
    }

    #[test]
    fn a_layer_that_is_not_there_is_refused_with_the_list() {
        let error = choose(Path::new("x"), &heads(&[("红线", HeadKind::Polygon)]), Some("zones")).unwrap_err();
        assert!(matches!(error, VectorError::NoLayer { layers, .. } if layers == ["红线"]));
    }
}
