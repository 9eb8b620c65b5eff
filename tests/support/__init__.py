"""What tests share: real databases, real servers, a real socket client, a browser, and the count of requirements."""
