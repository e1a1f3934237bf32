import { casesOf } from '../engine/case.ts';
import { apiCases } from './common.ts';

export default casesOf('apis.deleteApi', apiCases('an API is deleted by its id'));
