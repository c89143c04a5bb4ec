import type { ApiCall, World } from '../../service';

/** A world that remembers the call that was made through it: what a log shows of a stage. */
export class Exchange {
  readonly world: World;
  readonly made: { awsRequest?: unknown; awsResponse?: unknown } = {};

  constructor(world: World) {
    const { made } = this;
    const call = async (request: ApiCall) => {
      made.awsRequest = request.input;
      const answer = await world.call(request);
      made.awsResponse = answer;
      return answer;
    };
    this.world = Object.create(world, { call: { value: call } });
  }
}
