import { Connection, type ConnectionProperties } from './connection';
import type { World } from '../../service';

/** The connections of the account. */
export class Connections {
  private readonly byArn = new Map<string, Connection>();

  constructor(private readonly world: World) {}

  create(properties: ConnectionProperties): Connection {
    const { world } = this;
    const { Name: name } = properties;
    const ids = world.kernel.random.fork(`events/connection/${name}`);
    const arn = `arn:aws:events:${world.region}:${world.account}:connection/${name}/${ids.uuid()}`;
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html: EventBridge keeps the credentials in a secret of this name.
    const secretArn = `arn:aws:secretsmanager:${world.region}:${world.account}:secret:events!connection/${name}/${ids.uuid()}-${ids.uuid().slice(0, 6)}`;
    const connection = new Connection(world, arn, secretArn, properties);
    this.byArn.set(arn, connection);
    return connection;
  }

  find(arn: string): Connection | undefined {
    return this.byArn.get(arn);
  }
}
