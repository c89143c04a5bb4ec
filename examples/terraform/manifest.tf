locals {
  manifest = jsondecode(file("${var.directory}/manifest.json"))

  # What is uploaded, by its path in the directory.
  files = {
    for file in concat([local.manifest.template], local.manifest.assets) : file.path => {
      source = "${var.directory}/${file.path}"
      key    = "${var.prefix}${file.objectKey}"
      sha256 = file.sha256
    }
  }

  place = {
    bucket = var.bucket
    prefix = var.prefix
  }
  # A template without assets has no parameters for their place.
  place_parameters = { for what, name in local.manifest.parameters : name => local.place[what] }
}
