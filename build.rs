//! The shipped templates and samples are part of the program: a change in them is a change of it.

fn main() {
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=samples/demo");
}
