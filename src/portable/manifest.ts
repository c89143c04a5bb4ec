/** What `manifest.json` of a portable directory holds. Others read it too: a change that breaks them is a new format version. */
export interface PortableManifest {
  readonly formatVersion: 1;
  readonly stack: { readonly name: string; readonly description?: string };
  /** Names of the template's parameters for the place of the assets; empty when there are none. */
  readonly parameters: { readonly bucket?: string; readonly prefix?: string };
  /** What `--capabilities` needs. */
  readonly capabilities: readonly string[];
  readonly template: PortableFile;
  readonly assets: readonly PortableFile[];
}

export interface PortableFile {
  /** In the portable directory, with slashes. */
  readonly path: string;
  /** Below the prefix. */
  readonly objectKey: string;
  readonly sha256: string;
  readonly bytes: number;
}
