//! The files of the repository, read as text.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// One file. The path is relative to the root, with `/` between its parts.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of one file by its path from the root.
pub(crate) fn read(path: &str) -> io::Result<String> {
    fs::read_to_string(root().join(path))
        .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))
}

/// Whether a file or folder lies at this path from the root.
pub(crate) fn exists(path: &str) -> bool {
    root().join(path).exists()
}

/// Every file whose name ends in one of `endings`, sorted. Build output, packages and hidden folders are left out.
pub(crate) fn files(endings: &[&str]) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = folder.join(&name);
            let kind = entry.file_type()?;
            if kind.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if kind.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
                let path = path.to_string_lossy().replace('\\', "/");
                files.push(File { text: read(&path)?, path });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
