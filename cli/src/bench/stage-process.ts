/** Runs one stage in a process of its own, so that its memory is its own: the request as JSON in, the result out. */
import { inlineLess } from '../v8-flags.js';
import { measureStage, type StageRequest } from './stages.js';

inlineLess();
const request = JSON.parse(process.argv[2] ?? '{}') as StageRequest;
process.stdout.write(`${JSON.stringify(await measureStage(request))}\n`);
