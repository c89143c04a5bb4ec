import * as path from 'path';
import {
  CfnParameter, DockerImageAssetLocation, DockerImageAssetSource, FileAssetLocation, FileAssetPackaging, FileAssetSource, Fn, IBoundStackSynthesizer,
  IReusableStackSynthesizer, ISynthesisSession, Stack, StackSynthesizer,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PortableAsset, PortableDirectory } from './portable-directory';
import { misuse } from '../shared/misuse';

/** Options of a PortableStackSynthesizer. */
export interface PortableStackSynthesizerProps {
  /**
   * The template's parameter for the name of the bucket that has the assets.
   *
   * @default 'AssetsBucket'
   */
  readonly bucketParameter?: string;

  /**
   * The template's parameter for what precedes the assets' keys in the bucket: nothing, or a path that ends in `/`.
   *
   * @default 'AssetsPrefix'
   */
  readonly prefixParameter?: string;
}

/**
 * Synthesizes a stack for those who deploy it without the CDK: no bootstrapped account, no CDK CLI, no Node.js.
 *
 * Beside the usual cloud assembly it writes a directory `<stack>.portable` with
 *
 * - `template.json`: where the assets are is two parameters, a bucket and a prefix. A stack without assets has no such parameters.
 * - `assets/`: each file asset as it is to be uploaded, directories zipped. The same input gives the same bytes.
 * - `manifest.json`: the stack's name, the parameters' names, the capabilities that CloudFormation asks for, and of the template and each asset
 *   the file, the key below the prefix, the SHA-256 sum and the size.
 *
 * One object serves one stack (`synthesizer` of the stack) or all (`defaultStackSynthesizer` of the app).
 *
 * Limits: container image assets and assets that a command makes at deployment are refused; roles of a bootstrapped account are not used, so the CDK CLI
 * works with its own credentials, and uploads no assets: deploy the directory instead.
 *
 * @example
 * import { PortableStackSynthesizer } from 'cdk-integration-patterns';
 *
 * new Stack(this, 'Orders', { synthesizer: new PortableStackSynthesizer() });
 */
export class PortableStackSynthesizer extends StackSynthesizer implements IReusableStackSynthesizer, IBoundStackSynthesizer {
  private readonly bucketParameter: string;
  private readonly prefixParameter: string;
  private assets = new Map<string, PortableAsset>();
  private parameters?: { readonly bucket: CfnParameter; readonly prefix: CfnParameter };

  /**
   * @param props names of the template's two parameters
   */
  constructor(props: PortableStackSynthesizerProps = {}) {
    super();
    this.bucketParameter = parameterName('bucketParameter', props.bucketParameter ?? 'AssetsBucket');
    this.prefixParameter = parameterName('prefixParameter', props.prefixParameter ?? 'AssetsPrefix');
    if (this.bucketParameter === this.prefixParameter) {
      throw misuse(undefined, `bucketParameter and prefixParameter must differ, received '${this.bucketParameter}' for both`);
    }
  }

  /**
   * Makes this the synthesizer of a stack; the stack itself calls it.
   *
   * @param stack the stack
   */
  public bind(stack: Stack): void {
    super.bind(stack);
    this.assets = new Map();
  }

  /**
   * Makes a synthesizer with the same options for one more stack; the stack itself calls it.
   *
   * @param stack the stack
   */
  public reusableBind(stack: Stack): IBoundStackSynthesizer {
    const copy: PortableStackSynthesizer = Object.create(this);
    copy.bind(stack);
    return copy;
  }

  /**
   * Takes a file or a directory into the stack's assets.
   *
   * @param asset what to upload
   * @returns where it is, by the template's parameters
   */
  public addFileAsset(asset: FileAssetSource): FileAssetLocation {
    const name = nameOf(asset);
    if (!asset.fileName) {
      throw misuse(this.boundStack, `asset '${name}' is made by a command at deployment, when nothing but the portable directory is there; `
        + 'run the command before synthesis and give the file that it makes');
    }
    if (!/^\w[\w.-]*$/.test(asset.sourceHash)) {
      throw misuse(this.boundStack, `the hash of asset '${name}' must be letters, digits, '.', '_' and '-', since it names a file, received '${asset.sourceHash}'`);
    }
    const zipped = asset.packaging === FileAssetPackaging.ZIP_DIRECTORY;
    const objectKey = `${asset.sourceHash}${zipped ? '.zip' : path.extname(asset.fileName)}`;
    this.assets.set(objectKey, { name, source: asset.fileName, zipped });
    const { bucket, prefix } = this.location();
    const key = Fn.join('', [prefix.valueAsString, objectKey]);
    const { region, urlSuffix } = this.boundStack;
    const httpUrl = `https://s3.${region}.${urlSuffix}/${bucket.valueAsString}/${key}`;
    return { bucketName: bucket.valueAsString, objectKey: key, httpUrl, s3ObjectUrl: `s3://${bucket.valueAsString}/${key}` };
  }

  /**
   * Refuses container images: they need a registry, which a bucket is not.
   *
   * @param asset the image
   */
  public addDockerImageAsset(asset: DockerImageAssetSource): DockerImageAssetLocation {
    throw misuse(this.boundStack, `container image asset '${nameOf(asset)}' cannot be in a portable template, whose assets are files in a bucket; `
      + 'push the image to a repository and refer to it by name and tag (ContainerImage.fromRegistry, DockerImageCode.fromEcr)');
  }

  /**
   * Writes the stack's template, its place in the cloud assembly, and the portable directory; the app calls it.
   *
   * @param session the synthesis
   */
  public synthesize(session: ISynthesisSession): void {
    this.synthesizeTemplate(session);
    this.emitArtifact(session);
    const directory = new PortableDirectory(this.boundStack, session.assembly.outdir);
    directory.clear();
    // Without bundling, which the CLI skips for stacks that it was not asked for, assets are not yet what they are going to be.
    if (this.boundStack.bundlingRequired) directory.write(this.assets, { bucket: this.bucketParameter, prefix: this.prefixParameter });
  }

  /** The parameters, made with the first asset: a template without assets asks for no bucket. */
  private location() {
    if (!this.parameters) {
      // In a scope of their own, so that their ids are nobody else's.
      const scope = new Construct(this.boundStack, 'PortableAssets');
      const bucket = new CfnParameter(scope, 'Bucket', {
        description: 'Name of the S3 bucket that has the assets of this template, in the region of the stack',
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        allowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
        constraintDescription: 'the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens',
      });
      const prefix = new CfnParameter(scope, 'Prefix', {
        description: 'What precedes the keys of the assets in the bucket: nothing, or a path that ends in /',
        default: '',
        // Characters that need no encoding in a URL, since nested stacks are found by one.
        allowedPattern: '^([A-Za-z0-9_-][A-Za-z0-9._-]*/)*$',
        constraintDescription: 'empty, or a path of letters, digits, dots, underscores and hyphens that does not begin with / and ends in /',
      });
      bucket.overrideLogicalId(this.bucketParameter);
      prefix.overrideLogicalId(this.prefixParameter);
      this.parameters = { bucket, prefix };
    }
    return this.parameters;
  }
}

/** Newer releases of aws-cdk-lib give assets names for people; with the others a hash must do. */
function nameOf(asset: { readonly displayName?: string; readonly sourceHash: string }): string {
  return asset.displayName ?? asset.sourceHash;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html: names are alphanumeric. */
function parameterName(prop: string, name: string): string {
  if (!/^[A-Za-z0-9]{1,255}$/.test(name)) {
    throw misuse(undefined, `${prop} must be 1 to 255 letters and digits, as CloudFormation has it for parameters, received '${name}'`);
  }
  return name;
}
