//! Tests over HTTP, one file per user story, each on every database that is there.
