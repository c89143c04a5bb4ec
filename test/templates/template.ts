import { readdirSync, readFileSync, statSync } from 'fs';
import * as path from 'path';

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: any;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** A template as it lies on the disk. */
export class TemplateFile {
  readonly resources: Readonly<Record<string, TemplateResource>>;

  /** @param name tells it from the others in messages */
  constructor(readonly name: string, readonly file: string) {
    this.resources = JSON.parse(readFileSync(file, 'utf8')).Resources;
  }

  /** The construct path of a resource. */
  pathOf(logicalId: string): string {
    return String(this.resources[logicalId]?.Metadata?.['aws:cdk:path'] ?? logicalId);
  }
}

/** The templates of a cloud assembly or of a portable directory; a template's own file is one, too. */
export function templatesAt(location: string, source: string): TemplateFile[] {
  if (!statSync(location).isDirectory()) return [new TemplateFile(source, location)];
  const files = readdirSync(location).filter((name) => name === 'template.json' || name.endsWith('.template.json')).sort();
  if (files.length === 0) throw new Error(`${source}: ${location} has no templates`);
  return files.map((name) => new TemplateFile(`${source} ${path.basename(name === 'template.json' ? location : name, '.template.json')}`, path.join(location, name)));
}
