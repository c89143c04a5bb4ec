data "aws_s3_bucket" "assets" {
  bucket = var.bucket
}

resource "aws_s3_object" "files" {
  for_each = local.files

  bucket      = var.bucket
  key         = each.value.key
  source      = each.value.source
  source_hash = each.value.sha256

  lifecycle {
    # The stack is updated before what it no longer needs is deleted, and can go back to it if the update fails.
    create_before_destroy = true

    precondition {
      condition     = filesha256(each.value.source) == each.value.sha256
      error_message = "${each.value.source} is not the file that the manifest was written for: its SHA-256 sum is another. Synthesize again, or copy the directory anew."
    }
  }
}

resource "aws_cloudformation_stack" "stack" {
  name         = coalesce(var.stack_name, local.manifest.stack.name)
  template_url = "https://${data.aws_s3_bucket.assets.bucket_regional_domain_name}/${local.files["template.json"].key}"
  capabilities = local.manifest.capabilities
  parameters   = merge(var.parameters, local.place_parameters)

  depends_on = [aws_s3_object.files]
}
