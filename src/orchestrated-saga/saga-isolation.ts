import { Stack } from 'aws-cdk-lib';
import { AttributeType, CfnGlobalTable, CfnTable, ITable } from 'aws-cdk-lib/aws-dynamodb';
import { parseJsonata } from '../shared/jsonata';
import { misuse } from '../shared/misuse';

/** The item that a saga locks. Values are JSONata in `{% %}` over `$input`, and text. */
export interface SemanticLockOptions {
  /** Name of the table's partition key. */
  readonly partitionKey: string;
  /** Its value, for example `{% $input.orderId %}`. */
  readonly partitionValue: string;
  /**
   * Name of the table's sort key.
   * @default - the table has none
   */
  readonly sortKey?: string;
  /**
   * Its value.
   * @default - the table has no sort key
   */
  readonly sortValue?: string;
}

/** What keeps others from what a saga has not finished: sagas have no isolation of their own. */
export class SagaIsolation {
  /**
   * The attribute `sagaLock` of an item holds the saga's id while it runs: set as the saga begins, in the same transaction; removed as it ends; kept while it
   * is parked. Another saga that needs the item waits for about half a minute, then fails with `SagaLocked`. Who reads the item can see that it is being changed.
   * An item that does not exist is created with its key and the lock.
   * @param table has the item
   * @param options which item it is
   */
  public static semanticLock(table: ITable, options: SemanticLockOptions): SagaIsolation {
    const { partitionKey, partitionValue, sortKey, sortValue } = options;
    if (partitionKey === '') throw misuse(undefined, "partitionKey of SagaIsolation.semanticLock must name the table's partition key, received ''");
    if ((sortKey === undefined) !== (sortValue === undefined)) {
      throw misuse(undefined, `sortKey and sortValue of SagaIsolation.semanticLock belong together, received only ${sortKey === undefined ? 'sortValue' : 'sortKey'}`);
    }
    const key = {
      [partitionKey]: parseJsonata('partitionValue of SagaIsolation.semanticLock', partitionValue),
      ...(sortKey !== undefined && { [sortKey]: parseJsonata('sortValue of SagaIsolation.semanticLock', sortValue!) }),
    };
    requireKeys(table, Object.keys(key));
    return new SagaIsolation(table, key);
  }

  private constructor(private readonly table: ITable, private readonly key: { readonly [attribute: string]: string }) {}

  /** @internal */
  public _bind(): { table: ITable; key: { readonly [attribute: string]: string } } {
    return { table: this.table, key: this.key };
  }
}

/** Nothing is known of the keys of a table that comes from elsewhere. */
function requireKeys(table: ITable, names: readonly string[]): void {
  const resource = table.node.defaultChild;
  if (!(resource instanceof CfnTable || resource instanceof CfnGlobalTable)) return;
  const declared = { keySchema: resource.keySchema, attributeDefinitions: resource.attributeDefinitions };
  const { keySchema, attributeDefinitions } = Stack.of(table).resolve(declared);
  const keys: { name: string; type: string }[] = keySchema.map(({ attributeName }: CfnTable.KeySchemaProperty) => ({
    name: attributeName,
    type: attributeDefinitions.find((attribute: CfnTable.AttributeDefinitionProperty) => attribute.attributeName === attributeName)?.attributeType,
  }));
  const asText = keys.map(({ name, type }) => `${name} (${type})`).join(' and ');
  if (keys.some(({ name }, index) => name !== names[index]) || keys.length !== names.length) {
    throw misuse(undefined, `SagaIsolation.semanticLock must name the keys of table '${table.node.path}', ${asText}, received ${names.join(' and ')}`);
  }
  if (keys.some(({ type }) => type !== AttributeType.STRING)) {
    throw misuse(undefined, `SagaIsolation.semanticLock needs a table whose keys are text, received '${table.node.path}' with ${asText}`);
  }
}
