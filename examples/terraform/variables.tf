variable "directory" {
  description = "The portable directory: the one with manifest.json, template.json and assets."
  type        = string

  validation {
    condition     = try(jsondecode(file("${var.directory}/manifest.json")).formatVersion == 1, false)
    error_message = "The directory must be a portable one, with a manifest.json of format version 1: <stack>.portable in cdk.out."
  }
}

variable "bucket" {
  description = "Name of the bucket that the template and its assets are uploaded to; in the region of the stack."
  type        = string
}

variable "prefix" {
  description = "What precedes the keys in the bucket: nothing, or a path that ends in /."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([A-Za-z0-9_-][A-Za-z0-9._-]*/)*$", var.prefix))
    error_message = "The prefix must be empty, or a path of letters, digits, dots, underscores and hyphens that does not begin with / and ends in /."
  }
}

variable "stack_name" {
  description = "Name of the stack; the one that the app gave it, unless given."
  type        = string
  default     = null
}

variable "parameters" {
  description = "Values of the template's own parameters, if it has any beside those for the place of the assets."
  type        = map(string)
  default     = {}
}
