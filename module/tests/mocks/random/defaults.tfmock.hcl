# Copied from src/module-tests: change that, then run `npx projen generate`.

mock_resource "random_id" {
  defaults = {
    hex = "0123abcd"
  }
}
