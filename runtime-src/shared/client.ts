/** A client of the AWS SDK v3: `DynamoDBDocumentClient`, `S3Client`. Not its own type, so that any version of the SDK fits. */
export interface Client {
  send(command: any): Promise<any>;
}
