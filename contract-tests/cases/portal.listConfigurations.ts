import { casesOf } from '../engine/case.ts';
import { pageCases, rootKeyCases } from './common.ts';

export default casesOf('portal.listConfigurations', [...pageCases('manyPortals'), ...rootKeyCases(() => ({}))]);
