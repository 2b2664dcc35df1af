#!/bin/bash
# One run on a cluster, resumed by itself until it is finished:   sbatch job.sh CASE.toml FOLDER
#SBATCH --job-name=thincell
#SBATCH --ntasks=4
#SBATCH --time=01:00:00
#SBATCH --signal=B:USR1@120      # two minutes before the end, this script is told
#SBATCH --requeue
#SBATCH --open-mode=append

source "$HOME/thincell/.venv/bin/activate"
export OMP_NUM_THREADS=1

srun --mpi=pmi2 thincell run "$1" --out "$2" --resume --quiet &
trap 'kill -USR1 $!' USR1        # srun hands it to the ranks: they write a checkpoint and end with 75
wait $!
code=$?
while kill -0 $! 2>/dev/null; do # the signal has ended the first wait
    wait $!
    code=$?
done

if [ $code -eq 75 ]; then
    scontrol requeue "$SLURM_JOB_ID"
fi
exit $code
