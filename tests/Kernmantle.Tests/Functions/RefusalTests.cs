using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using Kernmantle.Functions;

namespace Kernmantle.Tests.Functions;

/// <summary>What cannot cross is refused before anything is sent, by the name that the programmer knows it by.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void A_delegate_of_several_functions_is_refused()
    {
        Func<int> one = static () => 1;
        Assert.Contains("several functions", Refused(one + one).Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_compiled_expression_is_refused(bool interpreted)
    {
        Expression<Func<int>> expression = () => 1;
        Assert.Contains("compiled expression", Refused(expression.Compile(interpreted)).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dynamic_method_is_refused()
    {
        var method = new DynamicMethod("made", typeof(int), null);
        ILGenerator il = method.GetILGenerator();
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Ret);
        Assert.Contains("dynamic method", Refused(method.CreateDelegate<Func<int>>()).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_instance_delegate_is_refused_with_the_remedy()
    {
        var open = (Func<string, string>)Delegate.CreateDelegate(typeof(Func<string, string>), null, typeof(string).GetMethod(nameof(string.Trim), [])!);
        NotPortableException e = Assert.Throws<NotPortableException>(() => Crossing.FunctionOf(open));
        Assert.Contains("String.Trim", e.Subject, StringComparison.Ordinal);
        Assert.Contains("lambda", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_delegate_of_a_delegate_is_refused()
    {
        Converter<int, int> inner = static n => n;
        Assert.Contains("another delegate", Assert.Throws<NotPortableException>(() => Crossing.FunctionOf(new Func<int, int>(inner))).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_of_an_assembly_that_exists_only_in_memory_is_refused()
    {
        AssemblyBuilder assembly = AssemblyBuilder.DefineDynamicAssembly(new("InMemory"), AssemblyBuilderAccess.Run);
        TypeBuilder type = assembly.DefineDynamicModule("m").DefineType("T", TypeAttributes.Public);
        ILGenerator il = type.DefineMethod("M", MethodAttributes.Public | MethodAttributes.Static, typeof(int), null).GetILGenerator();
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Ret);
        NotPortableException e = Refused(type.CreateType().GetMethod("M")!.CreateDelegate<Func<int>>());
        Assert.Contains("InMemory", e.Subject, StringComparison.Ordinal);
        Assert.Contains("from a file", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_of_an_assembly_loaded_from_bytes_is_refused()
    {
        using var plugIn = new PlugInFolder();
        Assembly assembly = Assembly.Load(File.ReadAllBytes(plugIn.DependencyPath));
        Assert.Contains(plugIn.DependencyName, Refused(assembly.GetType("Helper")!.GetMethod("Three")!.CreateDelegate<Func<int>>()).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_captured_stream_is_named()
    {
        using Stream input = new MemoryStream();
        NotPortableException e = Refused(() => (int)input.Length);
        Assert.Contains("'input'", e.Subject, StringComparison.Ordinal);
        Assert.Contains("Stream", e.Subject, StringComparison.Ordinal);
        Assert.NotEmpty(e.Remedy);
    }

    [Fact]
    public void A_captured_stream_that_only_a_nested_lambda_reads_is_named()
    {
        using Stream input = new MemoryStream();
        Assert.Contains("'input'", Refused(() =>
        {
            Func<int> inner = () => (int)input.Length;
            return inner();
        }).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_captured_stream_in_an_outer_scope_is_named()
    {
        using Stream outer = new MemoryStream();
        for (int i = 0; i < 1; i++)
        {
            int inner = i;
            Assert.Contains("'outer'", Refused(() => (int)outer.Length + inner).Subject, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_captured_delegate_is_named()
    {
        Func<int> function = static () => 1;
        Assert.Contains("'function'", Refused(() => function() + 1).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_captured_this_is_named()
    {
        using var owner = new Owner();
        Assert.Contains("this (Owner)", Refused(owner.OnlyThis()).Subject, StringComparison.Ordinal);
        Assert.Contains("this (Owner)", Refused(owner.ThisAndMore(1)).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_captured_value_of_a_derived_type_is_named()
    {
        Animal animal = new Dog("Rex", 3);
        Func<int> function = () => animal.Name.Length;
        Function known = Crossing.FunctionOf(function);
        Assert.Contains("'animal'", Assert.Throws<NotPortableException>(() => Crossing.Payload(known, function, default(ValueTuple))).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public unsafe void A_captured_pointer_is_named()
    {
        int value = 1;
        int* pointer = &value;
        Assert.Contains("'pointer'", Refused(() => *pointer).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_that_cannot_cross_is_named()
    {
        Func<int, Stream, long> function = static (count, input) => input.Length + count;
        NotPortableException e = Assert.Throws<NotPortableException>(() => Function.Of(function, Crossing.Plain));
        Assert.Contains("argument 'input'", e.Subject, StringComparison.Ordinal);
        Assert.Contains("Stream", e.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_of_a_derived_type_is_named()
    {
        Func<Animal, int> function = static animal => animal.Name.Length;
        Function known = Function.Of(function, Crossing.Plain);
        NotPortableException e = Assert.Throws<NotPortableException>(() => Crossing.Payload(known, function, new ValueTuple<Animal>(new Dog("Rex", 3))));
        Assert.Contains("argument 'animal'", e.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_cannot_cross_is_named()
    {
        Func<Stream> function = static () => Stream.Null;
        NotPortableException e = Assert.Throws<NotPortableException>(() => Function.Of(function, Crossing.Plain));
        Assert.StartsWith("The result (Stream)", e.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_with_other_types_than_the_function_takes_is_refused()
    {
        Func<string, int> function = static s => s.Length;
        Function known = Function.Of(function, Crossing.Plain);
        Assert.Throws<NotPortableException>(() => Crossing.Payload(known, function, new ValueTuple<int>(1)));
    }

    private static NotPortableException Refused(Func<int> function) => Assert.Throws<NotPortableException>(() => Crossing.FunctionOf(function));

    internal record Animal(string Name);

    internal sealed record Dog(string Name, int Age) : Animal(Name);

    internal sealed class Owner : IDisposable
    {
        private readonly Stream stream = new MemoryStream();

        public Func<int> OnlyThis() => () => (int)stream.Length;

        public Func<int> ThisAndMore(int more) => () => (int)stream.Length + more;

        public void Dispose() => stream.Dispose();
    }
}
