using Kernmantle.Payloads.Plain;
using PolyType;

namespace Kernmantle.Tests.Payloads;

/// <summary>Which types cross member by member, and which by the serializer because their author says how.</summary>
public sealed class PlainShapesTests
{
    [Fact]
    public void A_record_is_plain_although_its_assembly_references_the_serializer()
    {
        Assert.Contains(typeof(Order).Assembly.GetReferencedAssemblies(), static a => a.Name == "PolyType");
        Assert.NotNull(PlainShapes.Of(typeof(Order)));
    }

    [Theory]
    [InlineData(typeof(AnnotatedType))]
    [InlineData(typeof(AnnotatedProperty))]
    [InlineData(typeof(AnnotatedField))]
    [InlineData(typeof(AnnotatedConstructor))]
    [InlineData(typeof(AnnotatedParameter))]
    [InlineData(typeof(DerivedFromAnnotated))]
    [InlineData(typeof(HoldsAnnotated))]
    public void A_type_that_is_annotated_for_the_serializer_is_not(Type type) => Assert.Null(PlainShapes.Of(type));

    private sealed record Order(int Number, string Customer, DateTime Placed, int[] Items);

    [TypeShape(Kind = TypeShapeKind.Object)]
    private sealed record AnnotatedType(int Number);

    private sealed class AnnotatedProperty
    {
        [PropertyShape(Name = "n")]
        public int Number { get; set; }
    }

    private sealed class AnnotatedField
    {
        [PropertyShape(Name = "n")]
        public int Number = 1;
    }

    [method: ConstructorShape]
    private sealed record AnnotatedConstructor(int Number);

    private sealed record AnnotatedParameter([param: ParameterShape(Name = "Number")] int Number);

    private class AnnotatedBase
    {
        [PropertyShape(Name = "n")]
        public int Number { get; set; }
    }

    private sealed class DerivedFromAnnotated : AnnotatedBase;

    private sealed record HoldsAnnotated(AnnotatedType Inner);
}
