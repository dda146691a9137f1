package run

import (
	"context"
	"fmt"
	"time"

	"jwtworkshop/workshop/internal/folder"
	"jwtworkshop/workshop/internal/report"
)

// A Judgement is how the program of somebody else is judged.
type Judgement struct {
	Isolation string        // the rung, "" for the highest that there is
	Seed      uint64        // of random names, passwords and secrets
	Limit     time.Duration // of its build and its checks together
	Stretch   bool          // the stretch checks, too
}

// Judge has the checks of a step, which Prepare has compiled, build and judge the program in the
// folder steps/STEP of dir.
func (w Workshop) Judge(ctx context.Context, step, dir string, how Judgement) (*report.Report, error) {
	temporary, err := folder.Temporary()
	if err != nil {
		return nil, err
	}
	defer folder.RemoveAll(temporary)
	const tidy = 15 * time.Second // they end checks of their own, and a sandbox
	said, _, err := w.execute(ctx, tidy, step, temporary, "-submission", dir, "-isolation", how.Isolation,
		"-seed", fmt.Sprint(how.Seed), fmt.Sprintf("-test.timeout=%v", how.Limit), fmt.Sprintf("-stretch=%v", how.Stretch), fmt.Sprintf("-optimize=%v", w.Optimized))
	return said, err
}
