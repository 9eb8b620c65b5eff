"""What all REST of Carillon shares: problem documents, strict bodies, keyset pages, repeatable writes, the schema."""
