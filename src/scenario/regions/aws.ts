/**
 * The 33 AWS regions as cloudping.co measures them: one way is half of the median round trip,
 * jitter half of what the 90th percentile is above it. Places are those of the cities the regions
 * are named after.
 */
import { AWS_MEDIAN_MS } from './awsMedian.ts'
import { AWS_P90_MS } from './awsP90.ts'
import { bothWays, type RegionTable } from './regionTable.ts'

/** Name, degrees north, degrees east. */
const AWS_REGIONS = [
  ['af-south-1', -33.9, 18.4],
  ['ap-east-1', 22.3, 114.2],
  ['ap-east-2', 25.0, 121.5],
  ['ap-northeast-1', 35.7, 139.7],
  ['ap-northeast-2', 37.6, 127.0],
  ['ap-northeast-3', 34.7, 135.5],
  ['ap-south-1', 19.1, 72.9],
  ['ap-south-2', 17.4, 78.5],
  ['ap-southeast-1', 1.4, 103.8],
  ['ap-southeast-2', -33.9, 151.2],
  ['ap-southeast-3', -6.2, 106.8],
  ['ap-southeast-4', -37.8, 145.0],
  ['ap-southeast-5', 3.1, 101.7],
  ['ap-southeast-7', 13.8, 100.5],
  ['ca-central-1', 45.5, -73.6],
  ['ca-west-1', 51.0, -114.1],
  ['eu-central-1', 50.1, 8.7],
  ['eu-central-2', 47.4, 8.5],
  ['eu-north-1', 59.3, 18.1],
  ['eu-south-1', 45.5, 9.2],
  ['eu-south-2', 41.6, -0.9],
  ['eu-west-1', 53.3, -6.3],
  ['eu-west-2', 51.5, -0.1],
  ['eu-west-3', 48.9, 2.4],
  ['il-central-1', 32.1, 34.8],
  ['me-central-1', 25.2, 55.3],
  ['me-south-1', 26.1, 50.6],
  ['mx-central-1', 20.6, -100.4],
  ['sa-east-1', -23.6, -46.6],
  ['us-east-1', 39.0, -77.5],
  ['us-east-2', 40.0, -83.0],
  ['us-west-1', 37.8, -122.4],
  ['us-west-2', 45.8, -119.7],
] as const

/** Regions of one cloud with the latencies measured between them. */
export const AWS: RegionTable = {
  regions: AWS_REGIONS.map(([name, lat, lon]) => ({ name, weight: 1, place: { lat, lon } })),
  latencyMs: (a, b) => bothWays(AWS_MEDIAN_MS, a, b) / 2,
  jitterMs: (a, b) => (bothWays(AWS_P90_MS, a, b) - bothWays(AWS_MEDIAN_MS, a, b)) / 2,
}
