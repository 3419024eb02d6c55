output "image_version" {
  description = "Active version of the runner image: a new one for each change of what is built into it."
  value       = module.gha_runner.image_version
}
