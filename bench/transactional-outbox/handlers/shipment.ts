/** The effect of one event: counts how often it has happened, and keeps when it happened first. */
export function shipment(order: { readonly orderId: string; readonly version: number }, receivedAt: number) {
  return {
    TableName: process.env.SHIPMENTS!,
    Key: { id: `${order.orderId}/${order.version}` },
    UpdateExpression: 'ADD shipped :one SET receivedAt = if_not_exists(receivedAt, :receivedAt)',
    ExpressionAttributeValues: { ':one': 1, ':receivedAt': receivedAt },
  };
}
