import { casesOf } from '../engine/case.ts';
import { optionalBodyCase, pageCases, rootKeyCases } from './common.ts';

export default casesOf('apis.listApis', [...pageCases('manyApis'), ...rootKeyCases(() => ({}), optionalBodyCase)]);
