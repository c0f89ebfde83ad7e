# SPDX-License-Identifier: Apache-2.0
"""What a site is operated by: figures, log lines, error pages, limits, and what a load balancer asks (docs/web.md).

None of it says who somebody is or what was written: pages have their names there, people have none.
"""
