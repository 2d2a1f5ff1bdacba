using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>Where the object of a <see cref="Remote{T}"/> lives: which incarnation of which worker, under which number.</summary>
internal sealed record Home(Slot Slot, long Generation, long Id)
{
    /// <summary>Its calls are made by one that runs: see <see cref="Call.IsNested"/>.</summary>
    public bool ForNested { get; init; }

    public void Pin(Call call)
    {
        call.PinnedTo = Slot;
        call.Generation = Generation;
        call.InstanceId = Id;
        call.IsNested = ForNested;
    }
}
