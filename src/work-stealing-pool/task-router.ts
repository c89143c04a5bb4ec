import { Routing } from './contract';
import { misuse } from '../shared/misuse';

/** Names with dots between them. */
const MEMBER = /^[^.\s]+(\.[^.\s]+)*$/;
const LONGEST_MEMBER = 128;

/** To which group a task goes. Only groups that the task allows and nobody has retired are asked. */
export class TaskRouter {
  /**
   * Tasks with the same value of this member of their payload go to the same group, as long as it is there: it has their cache, their tenant's files, their
   * licence. When a group goes, only its keys move. A task without the member goes as by `powerOfTwoChoices`.
   * @param member for example `tenantId`, or `tenant.id` for the member `id` of the member `tenant`
   */
  public static affinity(member: string): TaskRouter {
    if (!MEMBER.test(member) || member.length > LONGEST_MEMBER) {
      throw misuse(undefined, `member of TaskRouter.affinity must be names with dots between them, ${LONGEST_MEMBER} characters at most, received '${member}'`);
    }
    return new TaskRouter({ kind: 'AFFINITY', member });
  }

  /**
   * To the one of two groups at random where it would wait less. Several routers that all know the same old load do not run into the same group.
   * @see https://www.eecs.harvard.edu/~michaelm/postscripts/handbook2001.pdf
   */
  public static powerOfTwoChoices(): TaskRouter {
    return new TaskRouter({ kind: 'POWER_OF_TWO_CHOICES' });
  }

  /** To the group where it would wait least: best for few tasks that are long, for the load is known only a second or two later. */
  public static leastLoaded(): TaskRouter {
    return new TaskRouter({ kind: 'LEAST_LOADED' });
  }

  private constructor(private readonly routing: Routing) {
  }

  /** @internal */
  public _bind(): Routing {
    return this.routing;
  }
}
