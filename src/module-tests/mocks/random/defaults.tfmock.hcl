mock_resource "random_id" {
  defaults = {
    hex = "0123abcd"
  }
}
