/** Who writes orders and mends what is broken. */
export const OPERATOR = { principal: { kind: 'operator' }, name: 'operator' } as const;
