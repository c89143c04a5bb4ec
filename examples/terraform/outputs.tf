output "outputs" {
  description = "Outputs of the stack."
  value       = aws_cloudformation_stack.stack.outputs
}

output "stack_id" {
  description = "The stack's ARN."
  value       = aws_cloudformation_stack.stack.id
}
