// Loads samples/WebParser and says what came of it: eng/load. Exit codes: 0 every request was answered rightly and nothing is left; 1 not so.
using System.Diagnostics;
using System.Globalization;
using Kernmantle.Load;
using Kernmantle.Tests.Hosting;

int requests = int.Parse(args[0], CultureInfo.InvariantCulture), together = int.Parse(args[1], CultureInfo.InvariantCulture);
var wrong = new List<string>();
Console.WriteLine("| the service | honest, answered | hostile, refused | workers killed | wrong or lost | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|");
// The same honest requests, in turns as few as can be: what isolation costs while nothing happens, and what happens then.
await LoadAsync("on its own threads, honest files", hostile: false, kills: false, "--ParseHere", "true");
await LoadAsync("in workers, honest files", hostile: false, kills: false);
await LoadAsync("in workers, a tenth hostile, workers killed", hostile: true, kills: true);
await EndUnderLoadAsync();
foreach (string line in wrong.Take(20))
    Console.Error.WriteLine($"WRONG {line}");
return wrong.Count == 0 ? 0 : 1;

async Task LoadAsync(string name, bool hostile, bool kills, params string[] options)
{
    using Service service = await Service.StartAsync(options);
    await new Run(service, Math.Max(together, requests / 10), together, hostile: false, kills: false).MakeAsync();   // its code is compiled
    var run = new Run(service, requests, together, hostile, kills);
    await run.MakeAsync();
    Console.WriteLine(run.Line(name));
    wrong.AddRange(run.Wrong);
    int[] workers = service.Workers;
    await service.TerminateAsync();
    await EndedAsync(service, workers);
}

// The workers are held up, all other requests wait in the queue, and then the service is to end.
async Task EndUnderLoadAsync()
{
    using Service service = await Service.StartAsync(Service.SlowToGiveUp);
    Task<string?>[] answers = [.. Enumerable.Range(0, together).Select(i => Answers.WhatIsWrongAsync(service, i < 4 ? UploadedFile.Endless : UploadedFile.Honest(i)))];
    long from = Stopwatch.GetTimestamp();
    using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
    while (await service.CallsUnderWayAsync() + answers.Count(static a => a.IsCompleted) < together && Stopwatch.GetElapsedTime(from) < TimeSpan.FromMinutes(1))
        await tick.WaitForNextTickAsync();
    int[] workers = service.Workers;
    int open = answers.Count(static a => !a.IsCompleted);
    await service.TerminateAsync();
    string[] lost = [.. (await Task.WhenAll(answers)).OfType<string>()];
    Console.WriteLine($"\nSIGTERM with {open} requests under way: {together - lost.Length} of {together} answered rightly.");
    wrong.AddRange(lost);
    if (open == 0)
        wrong.Add("all requests had been answered before the service was to end");
    await EndedAsync(service, workers);
}

async Task EndedAsync(Service service, int[] workers)
{
    if (await service.WaitForEndAsync() is not 0 and var code)
        wrong.Add($"the service ended with {code}");
    int[] left = [.. workers.Where(ChildProcesses.IsAlive)];
    if (left.Length > 0)
        wrong.Add($"processes are left: {string.Join(' ', left)}");
}
