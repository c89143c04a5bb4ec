import { IInputTransformation, InputTransformationConfig, IPipe } from '@aws-cdk/aws-pipes-alpha';
import { imagePath } from './event-fields';
import { OutboxEnvelope, ROW, SPEC_VERSION, TEXT_CONTENT_TYPE } from '../contract';

/**
 * The envelope of an outbox row as an input template. Variables stand without quotes: the pipe adds them, and escapes what is in them. A
 * payload, which is text, thus arrives as a string with exactly that text.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
 */
export function envelopeTemplate(eventSource: string): string {
  const text = (value: string) => JSON.stringify(value);
  const attribute = (name: string) => `<${imagePath(name)}>`;
  const fields: { readonly [field in keyof OutboxEnvelope]: string } = {
    specversion: text(SPEC_VERSION),
    id: attribute(ROW.EVENT_ID),
    source: text(eventSource),
    type: attribute(ROW.TYPE),
    subject: attribute(ROW.PARTITION_KEY),
    time: attribute(ROW.OCCURRED_AT),
    sequence: attribute(ROW.SORT_KEY),
    partitionkey: attribute(ROW.PARTITION_KEY),
    traceparent: attribute(ROW.TRACE_PARENT),
    dataref: attribute(ROW.PAYLOAD_REF),
    datacontenttype: text(TEXT_CONTENT_TYPE),
    data: attribute(ROW.PAYLOAD),
  };
  return `{${Object.entries(fields).map(([name, value]) => `${text(name)}:${value}`).join(',')}}`;
}

/** By the alpha module's interface; its own `DynamicInput` throws with newer releases of aws-cdk-lib. */
export class EnvelopeTransformation implements IInputTransformation {
  public constructor(private readonly eventSource: string) {
  }

  public bind(_pipe: IPipe): InputTransformationConfig {
    return { inputTemplate: envelopeTemplate(this.eventSource) };
  }
}
