/**
 * The report of `--from`: what was recorded is found by its place in the file and read when it is asked for.
 *
 * @module
 */
import { openReport, readPlacedFile, type OpenReport } from '../../report/stream.ts';
import { Recording } from '../../run/replay.ts';

/** Reads a report's places; the file stays open until `close`. */
export async function readRecording(path: string): Promise<{ readonly recording: Recording; close(): Promise<void> }> {
  let recording = new Recording([]);
  let report: OpenReport | undefined;
  for await (const { record, offset, bytes } of readPlacedFile(path)) {
    if (record.type === 'header') recording = new Recording(record.targets.map(({ name }) => name));
    if (record.type !== 'case') continue;
    const opened = (report ??= await openReport(path));
    recording.add(record, () => opened.readCase({ offset, bytes }));
  }
  return { recording, close: async () => report?.close() };
}
