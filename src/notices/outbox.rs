pub fn check(_: &crate::notices::Book) -> Vec<crate::fault::Fault> {
    Vec::new()
}
