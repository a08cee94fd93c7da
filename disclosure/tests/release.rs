//! What is shown and what is hidden, on tables that fit on a page.
