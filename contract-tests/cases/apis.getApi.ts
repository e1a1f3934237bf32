import { casesOf } from '../engine/case.ts';
import { apiCases } from './common.ts';

export default casesOf('apis.getApi', apiCases('an API is found by its id', 'governedApi'));
