namespace Kernmantle.Tool.Lab.Running;

/// <summary>This machine lacks what an experiment needs: no failure, neither of it nor of the lab.</summary>
internal sealed class UnavailableException(string lacks) : Exception(lacks)
{
    /// <summary>What is lacking, if that is what <paramref name="failure"/> says; it may have been thrown in a worker.</summary>
    public static string? ReasonOf(Exception failure) => failure switch
    {
        UnavailableException => failure.Message,
        RemoteException { TypeName: var type } when type == typeof(UnavailableException).FullName => failure.Message,
        _ => null,
    };
}
