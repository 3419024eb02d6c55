mock_data "awscc_lambda_microvm_image" {
  defaults = {
    latest_active_image_version = "1.0"
    state                       = "CREATED"
  }
}

mock_data "awscc_lambda_microvm_images" {
  defaults = {
    id = "eu-west-1"
  }
}

mock_resource "awscc_lambda_microvm_image" {
  defaults = {
    image_arn                   = "arn:aws:lambda:eu-west-1:123456789012:microvm-image:mock"
    latest_active_image_version = "1.0"
  }
}
