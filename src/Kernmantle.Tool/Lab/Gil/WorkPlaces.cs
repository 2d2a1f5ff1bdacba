using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>Measures places in turns, computing and waiting.</summary>
internal static class WorkPlaces
{
    /// <returns>By the places' names: for each number of workers, how many times as fast as one.</returns>
    public static async Task<IReadOnlyDictionary<string, PlaceRuns>> MeasureAsync(
        LabContext context, IReadOnlyList<IWorkPlace> places, IReadOnlyList<int> workerCounts, int units, int rounds, TimeSpan budget)
    {
        foreach (IWorkPlace place in places)
        {
            context.Step($"starting {place.Name}", 0);
            foreach (int workers in workerCounts)
                await place.PrepareAsync(workers, context.Stopping);
        }
        static string Name(IWorkPlace place, bool computing, int workers) => $"{place.Name}, {(computing ? "computing" : "waiting")}, {workers}";
        IReadOnlyDictionary<string, IReadOnlyList<double>> seconds = await Turns.TakeAsync(
            context,
            rounds,
            budget,
            [
                .. from place in places
                   from computing in (bool[])[true, false]
                   from workers in workerCounts
                   select new Way(Name(place, computing, workers), () => place.RunAsync(workers, units, computing, context.Stopping)),
            ]);
        return places.ToDictionary(static place => place.Name, place => PlaceRuns.Of(
            workerCounts.ToDictionary(static workers => workers, workers => seconds[Name(place, true, workers)]),
            workerCounts.ToDictionary(static workers => workers, workers => seconds[Name(place, false, workers)])));
    }
}
