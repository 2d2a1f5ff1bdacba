using System.Diagnostics;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Load;

/// <summary>Requests to a service, so many at a time, and what came of them.</summary>
internal sealed class Run(Service service, int requests, int together, bool hostile, bool kills)
{
    private readonly List<double> milliseconds = [];
    private int finished, refused, killed;

    /// <summary>What was answered otherwise than it must be, or not at all.</summary>
    public List<string> Wrong { get; } = [];

    public async Task MakeAsync()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = together }, async (number, _) => await RequestAsync(number, UploadedFile.Of(number, hostile)));
    }

    /// <summary>One line of the table.</summary>
    public string Line(string name)
    {
        milliseconds.Sort();
        return FormattableString.Invariant($"| {name} | {milliseconds.Count} | {refused} | {killed} | {Wrong.Count} | {At(0.5):F1} | {At(0.99):F1} |");
    }

    private double At(double part) => milliseconds.Count == 0 ? double.NaN : milliseconds[(int)((milliseconds.Count - 1) * part)];

    private async Task RequestAsync(int number, UploadedFile file)
    {
        long from = Stopwatch.GetTimestamp();
        string? wrong = await Answers.WhatIsWrongAsync(service, file);
        double took = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        lock (milliseconds)
        {
            if (wrong is not null)
                Wrong.Add($"request {number}: {wrong}");
            else if (file.Failure is not null)
                refused++;
            else
                milliseconds.Add(took);
            if (!kills || ++finished % 25 != 0)
                return;
            killed++;
        }
        int[] workers = service.Workers;
        if (workers.Length > 0)
            ChildProcesses.Kill(workers[number % workers.Length]);
    }
}
