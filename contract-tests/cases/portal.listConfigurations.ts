import { casesOf } from '../engine/case.ts';
import { optionalBodyCase, pageCases, rootKeyCases } from './common.ts';

export default casesOf('portal.listConfigurations', [
  ...pageCases('manyPortals'),
  ...rootKeyCases(() => ({}), optionalBodyCase),
]);
