using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Join;

/// <summary>Runs a small program with and without join, with its worker in the foreground and in the background, and reads its log.</summary>
internal sealed class JoinExperiment() : Experiment("join", "What do join, foreground and background change about a program's end?")
{
    /// <summary>Long enough that the order of the lines tells who waited, on a busy machine too.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        JoinMeasured measured = new(await RunAsync(context.Part(0, 0.5), inProcess: false), await RunAsync(context.Part(0.5, 1), inProcess: true));
        return new(measured.Figures(), JoinVerdicts.Judge(measured), [], [Table(measured)], []);
    }

    private static async Task<PlaceRuns> RunAsync(LabContext context, bool inProcess)
    {
        async Task<ProgramRun> OneAsync(bool join, bool background)
        {
            context.Step($"{(inProcess ? "process" : "thread")}, {(join ? "joined" : background ? "background" : "not joined")}", join ? 0 : background ? 0.67 : 0.33);
            return JoinMeasured.Read(await ToolCopy.RunAsync(ChildProgram.Arguments(inProcess, join, background, Pause), context.Stopping));
        }
        return new(await OneAsync(join: true, background: false), await OneAsync(join: false, background: false), await OneAsync(join: false, background: true));
    }

    private static TextTable Table(JoinMeasured measured) => new(
        "",
        ["Worker", "Joined", "Worker finished", "Main waited", ">Program took"],
        [
            .. new[] { ("thread", measured.Thread), ("process", measured.Process) }.SelectMany(static place => new[]
            {
                Row(place.Item1, "yes", place.Item2.Joined),
                Row(place.Item1, "no", place.Item2.NotJoined),
                Row($"{place.Item1}, background", "no", place.Item2.Background),
            }),
        ]);

    private static string[] Row(string worker, string joined, ProgramRun run) =>
        [worker, joined, run.WorkerFinished ? "yes" : "no", run.MainWaited ? "yes" : "no", Statistics.Units.Format(run.Seconds, Statistics.Unit.Seconds)];
}
