# Copied from src/module-tests: change that, then run `npx projen generate`.

mock_resource "github_organization_webhook" {
  defaults = {
    id = "4001"
  }
}

mock_resource "github_repository_webhook" {
  defaults = {
    id = "4002"
  }
}
