output "key_arn" {
  description = "The key, as other modules take it."
  value       = aws_kms_key.this.arn
}

output "arns" {
  description = "What a policy about the key has to name."
  value       = { key = aws_kms_key.this.arn }
}
