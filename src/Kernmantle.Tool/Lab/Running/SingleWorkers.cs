namespace Kernmantle.Tool.Lab.Running;

/// <summary>Single workers that do not outlive an interrupt.</summary>
internal static class SingleWorkers
{
    /// <summary>Starts a worker in a process and waits for its end; an interrupt kills it first.</summary>
    public static async Task<WorkerExit> RunAsync(this Worker worker, CancellationToken cancellationToken)
    {
        worker.Start();
        try
        {
            return await worker.Completion.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            worker.Kill();
            await worker.Completion;
            throw;
        }
    }
}
