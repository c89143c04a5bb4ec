import { references } from './intrinsics';
import type { Template } from './template';

/**
 * The order in which a template's resources can be created: each after those that it refers to or names in `DependsOn`,
 * otherwise as the template lists them.
 */
export function creationOrder(template: Template, where: string): string[] {
  const { Resources: resources } = template;
  const needs = (logicalId: string): string[] => {
    const { Properties, DependsOn } = resources[logicalId];
    const explicit = DependsOn === undefined ? [] : [DependsOn].flat() as string[];
    const missing = explicit.find((id) => !(id in resources));
    if (missing !== undefined) throw new Error(`${where}: resource ${logicalId} depends on ${missing}, which the template does not have`);
    return [...explicit, ...references(Properties)].filter((id) => id in resources);
  };
  return sortByNeeds(Object.keys(resources), needs, (cycle) => `${where}: resources depend on each other in a circle: ${cycle.join(' → ')}`);
}

/** Depth first, keeping the given order where it does not matter; throws what `complain` says about a circle. */
export function sortByNeeds(names: readonly string[], needs: (name: string) => readonly string[], complain: (cycle: string[]) => string): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string) => {
    if (done.has(name)) return;
    if (path.includes(name)) throw new Error(complain([...path.slice(path.indexOf(name)), name]));
    path.push(name);
    for (const need of needs(name)) visit(need);
    path.pop();
    done.add(name);
  };
  for (const name of names) visit(name);
  return [...done];
}
