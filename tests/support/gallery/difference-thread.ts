/** A thread that compares two pictures and posts the result. */
import { parentPort, workerData } from 'node:worker_threads';
import { differingPixels } from './differing-pixels.ts';

parentPort?.postMessage(differingPixels(workerData.stored, workerData.picture));
